SELECT group_concat(text, char(10)) AS policy
FROM (
  SELECT text FROM policies
  WHERE instr(lower(:itemCategory), category) OR category = 'any'
  ORDER BY id
)
