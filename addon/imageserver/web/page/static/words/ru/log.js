export default {
  title: "Журнал",
  level: "Показывать",
  "from.DEBUG": "Всё",
  "from.INFO": "Что сделано, и важнее",
  "from.WARNING": "Предупреждения и ошибки",
  "from.ERROR": "Только ошибки",
  refresh: "Обновить",
  empty: "Таких записей нет.",
};
