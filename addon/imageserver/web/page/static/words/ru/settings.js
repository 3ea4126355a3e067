export default {
  title: "Настройки",
};
