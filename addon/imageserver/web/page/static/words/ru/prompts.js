export default {
  title: "Промпты",
};
