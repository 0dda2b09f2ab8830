-- Each gets a key that says nothing, and that no other open one has.
update digest set key = hex(digest)
where env = ?1 and user = ?2 and digest in (select unhex(value ->> 0) from json_each(?3))
