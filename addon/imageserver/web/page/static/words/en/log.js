export default {
  title: "Log",
};
