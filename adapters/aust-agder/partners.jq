# partners - what people here call the other organisations, and their names in the network.
def partners:
  {"erhvervshus-nord": "Erhvervshus Nord",
   "vaeksthus-nordjylland": "Væksthus Nordjylland",
   "region-nordjylland": "Region Nordjylland",
   "fylkesmannen-aust-agder": "Fylkesmannen i Aust-Agder",
   "fylkesmannen-vest-agder": "Fylkesmannen i Vest-Agder"};

def partner_name: partners[.] // .;

# The network's name for what a person wrote; null where nobody is called that.
def partner_id:
  (ascii_downcase | sub ("^ +"; "") | sub (" +$"; "")) as $written
  | first (partners | to_entries[] | select (.key == $written or (.value | ascii_downcase) == $written) | .key) // null;
