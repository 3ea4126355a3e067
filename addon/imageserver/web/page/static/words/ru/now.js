export default {
  title: "Сейчас",
};
