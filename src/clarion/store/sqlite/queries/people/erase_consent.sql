-- That something was said and when stays, for the counts; who, where and how goes.
update consent set source = '', locale = null, stated_by = null, evidence = '{}'
where env = ? and user = ?
