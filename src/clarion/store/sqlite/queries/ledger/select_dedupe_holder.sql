select event from dedupe where env = ? and workflow = ? and user = ? and key = ?
