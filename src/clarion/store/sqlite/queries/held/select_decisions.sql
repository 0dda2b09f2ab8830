select step, n, at, decided from decision
where env = ? and event = ? and workflow = ? and user = ?
order by n, step
