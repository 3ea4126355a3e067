export default {
  title: "Картинки",
};
