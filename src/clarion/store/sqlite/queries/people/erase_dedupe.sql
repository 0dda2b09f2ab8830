delete from dedupe
where env = ?1 and user = ?2 and workflow in (select workflow from workflow where env = ?1)
