export default {
  title: "Prompts",
};
