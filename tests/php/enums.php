<?php
namespace App\State;

enum Key: string implements HasLabel
{
    case Status = 'status-';
    case Owner = 'owner-';
    const DEFAULT = self::Status;

    public static function fromRequest(Request $request): self
    {
        return self::tryFrom($request->get('key')) ?? static::default() ?? throw new \InvalidArgumentException(message: __('bad'));
    }

    public function for(int $id): string { return $this->value . $this->suffix(id: $id); }
    private function suffix(int $id): string { return match (true) { $id > limit() => dechex($id), default => (string) $id }; }
}

final readonly class Point
{
    public function __construct(public int $x = 0, protected ?Key $key = null, private array $list = [1, 2]) { parent::boot($x); }
    public function with(int ...$xs): static { return new static(...array_sum_all(...$xs)); }
}
