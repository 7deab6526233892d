# A dashboard from grafana.com, as a file for this stack:
#   jq --arg uid UID --arg title TITLE -f community.jq DOWNLOADED
# What it asks for when it is imported by hand is answered here: data sources are `${ds}` and `${logs}`, which every
# dashboard of the stack has, constants their own default. Its uid and title are yours, so that they cannot meet others.
def answer:
  if .type != "datasource" then (.value // "" | tostring)
  elif .pluginId == "loki" then "${logs}"
  else "${ds}" end;

def source($name; $kind; $text):
  {name: $name, label: $name, type: "datasource", query: $kind, current: {text: $text, value: $kind}, hide: 2};

(.__inputs // [] | map({key: ("${" + .name + "}"), value: answer}) | from_entries) as $answers
| del(.__inputs, .__requires, .__elements, .id, .gnetId)
| walk(if type == "string" then reduce ($answers | to_entries[]) as $one (.; split($one.key) | join($one.value)) else . end)
| .templating.list = [source("ds"; "prometheus"; "Prometheus"), source("logs"; "loki"; "Loki")]
    + (.templating.list // [] | map(select(.name != "ds" and .name != "logs")))
| .uid = $uid
| .title = $title
| .tags = ((.tags // []) + ["opsctl", "community"] | unique)
