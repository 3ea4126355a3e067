export default {
  title: "Журнал",
};
