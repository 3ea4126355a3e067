export default {
  title: "Now",
};
