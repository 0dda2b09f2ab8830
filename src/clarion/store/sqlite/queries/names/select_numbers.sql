select n.name, n.number
from json_each(?) as j
cross join name as n on n.env = ? and n.kind = ? and n.name = j.value
