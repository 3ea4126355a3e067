export default {
  title: "Картинка",
};
