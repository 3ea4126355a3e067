export default {
  title: "Picture",
};
