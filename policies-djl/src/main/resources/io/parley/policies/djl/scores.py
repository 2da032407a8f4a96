class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def starts(self: __torch__.M, P: int, B: int, lengths: Tensor) -> Tensor:
    if torch.size(lengths, 0) > 0:
      s = torch.unsqueeze(lengths, 1)
    else:
      s = torch.full([B, 1], P, dtype=4)
    return s
  def logProbs(self: __torch__.M, lp: Tensor, target: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    chosen = torch.squeeze(torch.gather(lp, 2, torch.unsqueeze(target, 2)), 2)
    return (self).smoothed(chosen, target, uniform, smoothing)
  def smoothed(self: __torch__.M, chosen: Tensor, target: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    e = float(smoothing)
    if e > 0.:
      shares = torch.expand(uniform, [torch.size(target, 0), torch.size(target, 1), torch.size(uniform, -1)])
      u = torch.squeeze(torch.gather(shares, 2, torch.unsqueeze(target, 2)), 2)
      chosen = torch.log(torch.add(torch.mul(torch.exp(chosen), 1. - e), torch.mul(u, e)))
    else:
      pass
    return chosen
  def entropy(self: __torch__.M, lp: Tensor) -> Tensor:
    return torch.neg(torch.sum(torch.mul(torch.exp(lp), lp), [-1]))
  def divergence(self: __torch__.M, lp: Tensor, other: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    e = float(smoothing)
    if e > 0.:
      mixed = torch.add(torch.mul(torch.exp(other), 1. - e), torch.mul(uniform, e))
      right = torch.log(torch.clamp_min(mixed, 1e-38))
    else:
      right = other
    return torch.sum(torch.mul(torch.exp(lp), torch.sub(lp, right)), [-1])
  def values(self: __torch__.M, h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(h, weight, bias)
  def draw(self: __torch__.M, logits: Tensor, uniform: Tensor, temperature: Tensor) -> List[Tensor]:
    t = float(temperature)
    if t > 0.:
      p = torch.softmax(torch.div(torch.to(logits, 7), t), -1)
      c = torch.cumsum(p, 1)
      total = torch.contiguous(torch.slice(c, 1, -1))
      last = torch.clamp_max(torch.searchsorted(c, total), torch.size(p, 1) - 1)
      token = torch.minimum(torch.searchsorted(c, torch.mul(torch.unsqueeze(uniform, 1), total), right=True), last)
      logProb = torch.log(torch.div(torch.gather(p, 1, token), total))
    else:
      token = torch.argmax(logits, 1, True)
      logProb = torch.zeros_like(token, dtype=7)
    return [torch.squeeze(token, 1), torch.squeeze(torch.to(logProb, 6), 1)]
  def rows(self: __torch__.M, arrays: List[Tensor], group: Tensor, length: Tensor) -> List[Tensor]:
    r = annotate(List[Tensor], [])
    for i in range(torch.len(arrays)):
      _0 = torch.append(r, torch.index_select(torch.slice(arrays[i], 2, 0, int(length)), 0, group))
    return r
  def copyRows(self: __torch__.M, former: List[Tensor], arrays: List[Tensor], sources: Tensor, targets: Tensor, length: Tensor) -> Tensor:
    n = int(length)
    for j in range(torch.size(sources, 0)):
      s = int(torch.select(sources, 0, j))
      t = int(torch.select(targets, 0, j))
      for i in range(torch.len(arrays)):
        _0 = torch.copy_(torch.slice(torch.select(arrays[i], 0, t), 1, 0, n), torch.slice(torch.select(former[i], 0, s), 1, 0, n))
    return length
