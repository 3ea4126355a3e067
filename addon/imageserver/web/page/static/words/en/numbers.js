export default {
  title: "Numbers",
};
