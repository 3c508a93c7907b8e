INSERT INTO checkouts (phone, item_ids, total_dollars)
SELECT :phone_number, :item_ids, (SELECT sum(sale_price_dollars) FROM json_each(:item_ids) JOIN sales ON item_id = value)
WHERE NOT EXISTS (
  SELECT 1 FROM json_each(:item_ids) WHERE value NOT IN (SELECT item_id FROM cart WHERE phone = :phone_number)
)
