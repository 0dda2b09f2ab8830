select t.tenant, t.zone, t.locale
from json_each(?) as j
cross join tenant as t on t.env = ? and t.tenant = j.value
