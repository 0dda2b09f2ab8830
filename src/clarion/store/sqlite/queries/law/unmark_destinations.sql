update destination indexed by destination_by_suppression set suppression = null
where env = ?2 and suppression in (select value from json_each(?1))
