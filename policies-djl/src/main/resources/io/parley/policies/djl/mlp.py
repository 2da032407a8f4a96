class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def activate(self: __torch__.M, x: Tensor) -> Tensor:
    return @ACTIVATE@
  def activated(self: __torch__.M, g: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return @GRADIENT@
  def bag(self: __torch__.M, table: Tensor, rows: Tensor, offsets: Tensor) -> Tensor:
    z, _0, _1, _2, = torch.embedding_bag(table, rows, offsets, False, 0, False, None, False)
    return z
  def trunk(self: __torch__.M, table: Tensor, rows: Tensor, offsets: Tensor, w: List[Tensor]) -> List[Tensor]:
    x = (self).bag(table, rows, offsets)
    kept = annotate(List[Tensor], [])
    for i in range((torch.len(w) - 3) // 2):
      p = torch.add_(x, w[2 * i])
      y = (self).activate(p)
      _0 = torch.append(kept, p)
      _1 = torch.append(kept, y)
      x = torch.linear(y, w[2 * i + 1])
    _2 = torch.append(kept, x)
    return kept
  def forward(self: __torch__.M, table: Tensor, rows: Tensor, offsets: Tensor, given: Tensor, w: List[Tensor]) -> List[Tensor]:
    kept = (self).trunk(table, rows, offsets, w)
    x = torch.pop(kept)
    n = torch.len(w)
    b = torch.size(given, 0)
    t = torch.size(given, 1)
    s = torch.matmul(torch.flatten(torch.clone(given), 0, 1), w[n - 3])
    _0 = torch.add_(torch.view(s, [b, t, -1]), torch.unsqueeze(x, 1))
    h = (self).activate(s)
    _1 = torch.append(kept, s)
    _2 = torch.append(kept, h)
    every = torch.view(torch.linear(h, w[n - 2]), [b, t, t, -1])
    out = torch.add(torch.transpose(torch.diagonal(every, 0, 1, 2), 1, 2), w[n - 1])
    _3 = torch.append(kept, torch.contiguous(out))
    return kept
  def backward(self: __torch__.M, d: Tensor, kept: List[Tensor], members: Tensor, starts: Tensor, given: Tensor,
      w: List[Tensor]) -> List[Tensor]:
    n = torch.len(w)
    b = torch.size(given, 0)
    t = torch.size(given, 1)
    g = annotate(List[Tensor], [])
    _0 = torch.append(g, torch.sum(d, [0]))
    wide = torch.view(torch.mul(torch.unsqueeze(d, 2), torch.unsqueeze(torch.eye(t), 2)), [b * t, -1])
    _1 = torch.append(g, torch.mm(torch.t(wide), kept[n - 2]))
    ds = (self).activated(torch.mm(wide, w[n - 2]), kept[n - 3], kept[n - 2])
    _2 = torch.append(g, torch.mm(torch.t(torch.flatten(torch.clone(given), 0, 1)), ds))
    dx = torch.sum(torch.view(ds, [b, t, -1]), [1])
    for j in range((n - 3) // 2):
      i = (n - 3) // 2 - 1 - j
      _3 = torch.append(g, torch.mm(torch.t(dx), kept[2 * i + 1]))
      dx = (self).activated(torch.mm(dx, w[2 * i + 1]), kept[2 * i], kept[2 * i + 1])
      _4 = torch.append(g, torch.sum(dx, [0]))
    _5 = torch.append(g, (self).bag(dx, members, starts))
    return g
  def position(self: __torch__.M, x: Tensor, given: Tensor, t: Tensor, w: List[Tensor]) -> Tensor:
    n = torch.len(w)
    h = (self).activate(torch.add_(torch.matmul(torch.clone(given), w[n - 3]), x))
    i = int(t)
    weight = torch.select(torch.view(w[n - 2], [torch.size(w[n - 1], 0), torch.size(w[n - 1], 1), -1]), 0, i)
    return torch.linear(h, weight, torch.select(w[n - 1], 0, i))
  def score(self: __torch__.M, out: Tensor, chosen: Tensor, mask: Tensor, uniform: Tensor, epsilon: Tensor) -> List[Tensor]:
    k = torch.size(out, 2) - 1
    every = torch.log_softmax(torch.add(torch.slice(out, 2, 0, k), mask), -1)
    lp = torch.gather(every, 2, chosen)
    e = float(epsilon)
    if torch.gt(e, 0.):
      u = torch.gather(torch.expand_as(uniform, every), 2, chosen)
      lp = torch.log(torch.add(torch.mul(torch.exp(lp), 1. - e), torch.mul(u, e)))
    else:
      pass
    return [torch.squeeze(lp, 2), torch.select(out, 2, k), every]
  def entropy(self: __torch__.M, every: Tensor) -> Tensor:
    return torch.neg(torch.sum(torch.mul(torch.exp(every), every), [2]))
  def smooth(self: __torch__.M, every: Tensor, uniform: Tensor, epsilon: Tensor) -> Tensor:
    e = float(epsilon)
    p = torch.add(torch.mul(torch.exp(every), 1. - e), torch.mul(uniform, e))
    return torch.log(torch.clamp_min(p, 1e-38))
  def divergence(self: __torch__.M, every: Tensor, target: Tensor) -> Tensor:
    return torch.sum(torch.mul(torch.exp(every), torch.sub(every, target)), [2])
