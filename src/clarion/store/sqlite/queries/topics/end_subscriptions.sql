update subscription set until = ?
from json_each(?) as j
where env = ? and topic = ? and user = j.value and until is null
