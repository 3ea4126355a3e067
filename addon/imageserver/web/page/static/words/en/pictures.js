export default {
  title: "Pictures",
};
