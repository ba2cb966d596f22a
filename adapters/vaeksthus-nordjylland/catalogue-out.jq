# catalogue-out - the neighbours' offerings, as lines that the office reads in.
include "kask";
include "words";
include "office";

def type: if .kind == "effort" and .referable_effort != true then "indsats, kun til oversigt" else word ("KIND"; .kind; "da") end;

def line:
  . as $item
  | {"Nøgle": picked_key}
    + if is_shown | not then {"Udgået": "Ja"}
      else
        .offering
        | {"Partner": ($item.publisher_name // $item.publisher), "Udbyder": .provider.name, "Land": .provider.country,
           "Titel": (.title | best_text ("da")), "Kort tekst": ((.summary // []) | best_text ("da")), "Beskrivelse": offering_text ("da"),
           "Type": type, "Temaer": (.themes // [] | theme_words ("da") | map (gsub (","; " ")) | join (", ")), "Pris": (.price | price_text ("da")), "Web": .url,
           "Fremmed felt 1": $item.publisher, "Fremmed felt 2": "\($item.key) v\($item.revision)"}
      end
  | compact;

(.task.offerings | map ({publisher, key, revision, withdrawn, verified}) | "naboydelser-" + checksum + ".csv") as $name
| if .step > 0 then if .response.refused == true then {refused: ("kontoret afviste listen: " + (.response.text // ""))} else {} end
  elif .task.offerings == [] then {}
  else {request: {write: ("inbox/" + $name), format: "naboydelser", records: [.task.offerings[] | line],
                  receipt: {done: ("imported/" + $name + ".kvit"), refused: ("rejected/" + $name + ".grund.txt"), format: "kvittering"}}}
  end
