delete from capture where at < ?1 and id in (select id from capture order by id limit ?2)
