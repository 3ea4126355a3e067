export default {
  title: "Цифры",
};
