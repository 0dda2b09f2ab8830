select name, number from name
where env = ? and kind = ? and name >= ? and name < ?
order by name
limit ?
