<?php

/**
 * The database is shipped with its tables: see var/ of the package.
 */
class Modules_TicketDesk_Tickets
{
    private static function db()
    {
        static $db = null;
        if ($db === null) {
            $db = new PDO('sqlite:' . pm_Context::getVarDir() . 'desk.db');
            $db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
        }
        return $db;
    }

    public static function open(pm_Client $author, $subject, $text, pm_Domain $about = null)
    {
        $db = self::db();
        $db->beginTransaction();
        $ticket = $db->prepare('INSERT INTO tickets (subject, author, dom_id, opened) VALUES (:subject, :author, :domain, :now)');
        $ticket->bindValue(':subject', $subject);
        $ticket->bindValue(':author', $author->getId());
        $ticket->bindValue(':domain', $about ? $about->getId() : 0);
        $ticket->bindValue(':now', time());
        $ticket->execute();
        $id = $db->lastInsertId();
        self::answer($id, $author, $text);
        $db->commit();
        return $id;
    }

    public static function answer($ticketId, pm_Client $writer, $text)
    {
        $message = self::db()->prepare('INSERT INTO messages (ticket_id, customer_id, text, written) VALUES (?, ?, ?, ?)');
        $message->execute(array($ticketId, $writer->getId(), $text, time()));
    }

    public static function rate($ticketId, $stars)
    {
        $rating = self::db()->prepare('INSERT INTO ratings (ticket_id, stars) VALUES (?, ?)');
        $rating->execute(array($ticketId, max(1, min(5, (int)$stars))));
    }

    public static function ofClient(pm_Client $client)
    {
        $tickets = self::db()->prepare('SELECT * FROM tickets WHERE author = ? ORDER BY opened DESC');
        $tickets->execute(array($client->getId()));
        return $tickets->fetchAll(PDO::FETCH_ASSOC);
    }
}
