select p.user, p.until
from json_each(?1) as j
cross join presence as p on p.env = ?2 and p.user = j.value
where p.until > ?3
