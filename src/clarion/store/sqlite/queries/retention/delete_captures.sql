delete from capture
where at < ?2 and id in (select id from capture where env = ?1 order by id limit ?3)
