SELECT group_concat(text, char(10)) AS policy
FROM (
  SELECT text FROM policies
  WHERE category IN ('any', lower(:itemCategory)) AND region IN ('any', CASE WHEN :region LIKE '%zealand%' THEN 'home' ELSE 'abroad' END)
  ORDER BY id
)
