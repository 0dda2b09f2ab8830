delete from capture
where id in (select id from capture where env = ?1 and user = ?2 order by id limit ?3)
