select n.number, n.name
from json_each(?) as j
cross join name as n on n.env = ? and n.kind = ? and n.number = j.value
