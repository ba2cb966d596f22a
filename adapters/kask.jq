# kask - what every mapping and dialogue can use by include "kask".

# Refuse the record: what is wrong in which field, and what a person should do about it.
def problem ($field; $what; $todo): error ({field: $field, problem: $what, do: $todo});
