export default {
  title: "Log",
  level: "Show",
  "from.DEBUG": "Everything",
  "from.INFO": "What was done, and above",
  "from.WARNING": "Warnings and errors",
  "from.ERROR": "Errors only",
  refresh: "Refresh",
  empty: "There is nothing of this kind.",
};
