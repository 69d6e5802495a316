<?php

namespace PleskExt\Carousel;

enum Horse: string
{
    case White = 'white';
    case Black = 'black';

    public function key(int|string $rider): string
    {
        return $this->value . '-rider-' . $rider;
    }

    public static function saddle(\pm_Client $client): string
    {
        return self::White->key($client->getId());
    }
}
