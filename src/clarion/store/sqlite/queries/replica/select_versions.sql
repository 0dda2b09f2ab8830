select lower(hex(v.entity)), v.version
from json_each(?1) as j
cross join source_version as v on v.env = ?2 and v.entity = unhex(j.value)
