select k.key, k.blast, k.fingerprint
from json_each(?2) as j
cross join blast_key as k on k.env = ?1 and k.key = j.value
