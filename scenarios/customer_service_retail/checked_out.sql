SELECT id FROM checkouts WHERE phone = :phone_number AND item_ids = :item_ids
