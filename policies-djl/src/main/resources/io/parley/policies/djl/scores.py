class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  # The body of a class: the methods that decoders share, and behind them those of a decoder. What stands between at signs is
  # replaced before it is compiled. Java calls a method with arrays and lists of arrays alone: scalars are arrays of one number.

  # Positions of the first tokens of suffixes, int64 [B, 1]: lengths, int64 [B], or P for all where lengths is empty.
  def starts(self: __torch__.M, P: int, B: int, lengths: Tensor) -> Tensor:
    if torch.size(lengths, 0) > 0:
      s = torch.unsqueeze(lengths, 1)
    else:
      s = torch.full([B, 1], P, dtype=4)
    return s
  # What is added to scores of queries at positions q and keys at positions k, in the shape of q - k: 0 where a query may read a
  # key, -1e30 where not. It may read itself and what is before it, of a window no more than that many.
  def mask(self: __torch__.M, q: Tensor, k: Tensor, window: int) -> Tensor:
    hidden = torch.gt(k, q)
    if window > 0:
      hidden = torch.logical_or(hidden, torch.ge(torch.sub(q, k), window))
    else:
      pass
    return torch.masked_fill(torch.zeros(torch.size(hidden)), hidden, -1e30)
  # Positions of a prefix's keys: [1, P], or [B, P] where lengths, int64 [B], says how much of the prefix is a row's own; the rest
  # lies behind every query.
  def prefixPositions(self: __torch__.M, P: int, lengths: Tensor) -> Tensor:
    k = torch.unsqueeze(torch.arange(P), 0)
    if torch.size(lengths, 0) > 0:
      k = torch.masked_fill(torch.repeat(k, [torch.size(lengths, 0), 1]), torch.ge(k, torch.unsqueeze(lengths, 1)), 1073741824)
    else:
      pass
    return k
  # Log-probabilities [rows, columns] of the tokens target, int64 [rows, columns], under log-distributions lp [rows, columns,
  # outputs]; smoothed as below.
  def logProbs(self: __torch__.M, lp: Tensor, target: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    chosen = torch.squeeze(torch.gather(lp, 2, torch.unsqueeze(target, 2)), 2)
    return (self).smoothed(chosen, target, uniform, smoothing)
  # log((1 - e) exp(chosen) + e u), where e is smoothing, a scalar, and u what uniform [1 or columns, outputs] gives the tokens
  # target; chosen [rows, columns] as it is for e = 0.
  def smoothed(self: __torch__.M, chosen: Tensor, target: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    e = float(smoothing)
    if e > 0.:
      shares = torch.expand(uniform, [torch.size(target, 0), torch.size(target, 1), torch.size(uniform, -1)])
      u = torch.squeeze(torch.gather(shares, 2, torch.unsqueeze(target, 2)), 2)
      chosen = torch.log(torch.add(torch.mul(torch.exp(chosen), 1. - e), torch.mul(u, e)))
    else:
      pass
    return chosen
  # Nats [rows, columns] of log-distributions [rows, columns, outputs].
  def entropy(self: __torch__.M, lp: Tensor) -> Tensor:
    return torch.neg(torch.sum(torch.mul(torch.exp(lp), lp), [-1]))
  # KL(lp || other) [rows, columns] in nats, the right side smoothed: (1 - e) other + e uniform. The floor is for outputs that are
  # never allowed, where both sides are 0.
  def divergence(self: __torch__.M, lp: Tensor, other: Tensor, uniform: Tensor, smoothing: Tensor) -> Tensor:
    e = float(smoothing)
    if e > 0.:
      mixed = torch.add(torch.mul(torch.exp(other), 1. - e), torch.mul(uniform, e))
      right = torch.log(torch.clamp_min(mixed, 1e-38))
    else:
      right = other
    return torch.sum(torch.mul(torch.exp(lp), torch.sub(lp, right)), [-1])
  # The value head, [n, hidden] to [n, 1].
  def values(self: __torch__.M, h: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.linear(h, weight, bias)
  # One token a row of logits [rows, outputs], by inversion of the cumulative distribution at uniform, float64 [rows] in [0, 1);
  # the likeliest token for temperature 0. Answers int64 [rows] and float32 [rows], the tokens' log-probabilities. Added up in
  # float64, and with that sum for 1, so that no token of probability 0 is drawn; over blocks of outputs, then in one of them,
  # because a cumulative sum over all of a large vocabulary takes a part of a decoding step that can be measured.
  def draw(self: __torch__.M, logits: Tensor, uniform: Tensor, temperature: Tensor) -> List[Tensor]:
    t = float(temperature)
    if t > 0.:
      if t != 1.:
        x = torch.div(logits, t)
      else:
        x = logits
      p = torch.softmax(x, -1)
      B = torch.size(p, 0)
      V = torch.size(p, 1)
      N = torch.floordiv(V, 256)
      blocks = torch.cat([torch.sum(torch.reshape(torch.slice(p, 1, 0, N * 256), [B, N, 256]), [2], dtype=7),
        torch.sum(torch.slice(p, 1, N * 256), [1], True, dtype=7)], 1)
      c = torch.cumsum(blocks, 1)
      total = torch.contiguous(torch.slice(c, 1, -1))
      at = torch.mul(torch.unsqueeze(uniform, 1), total)
      block = (self).invert(c, at, total)
      at = torch.clamp_min(torch.add(torch.sub(at, torch.gather(c, 1, block)), torch.gather(blocks, 1, block)), 0)
      members = torch.add(torch.mul(block, 256), torch.arange(256))
      q = torch.mul(torch.to(torch.gather(p, 1, torch.clamp_max(members, V - 1)), 7), torch.lt(members, V))
      c = torch.cumsum(q, 1)
      token = torch.add(torch.mul(block, 256), (self).invert(c, at, torch.contiguous(torch.slice(c, 1, -1))))
      logProb = torch.log(torch.div(torch.gather(p, 1, token), total))
    else:
      token = torch.argmax(logits, 1, True)
      logProb = torch.zeros_like(token, dtype=7)
    return [torch.squeeze(token, 1), torch.squeeze(torch.to(logProb, 6), 1)]
  # Where cumulative sums c [rows, n] pass `at` [rows, 1]; rounding may lead neither past total nor to an entry that adds nothing.
  def invert(self: __torch__.M, c: Tensor, at: Tensor, total: Tensor) -> Tensor:
    last = torch.clamp_max(torch.searchsorted(c, total), torch.size(c, 1) - 1)
    return torch.minimum(torch.searchsorted(c, at, right=True), last)
  # The first length positions of arrays [groups, heads, positions, head], a copy of group[j] for each row j.
  def rows(self: __torch__.M, arrays: List[Tensor], group: Tensor, length: Tensor) -> List[Tensor]:
    r = annotate(List[Tensor], [])
    for i in range(torch.len(arrays)):
      _0 = torch.append(r, torch.index_select(torch.slice(arrays[i], 2, 0, int(length)), 0, group))
    return r
  # Copies the first length positions of rows sources of former to rows targets of arrays, both [groups, heads, positions, head],
  # one a layer. Answers length, because a method must answer something.
  def copyRows(self: __torch__.M, former: List[Tensor], arrays: List[Tensor], sources: Tensor, targets: Tensor,
      length: Tensor) -> Tensor:
    n = int(length)
    for j in range(torch.size(sources, 0)):
      s = int(torch.select(sources, 0, j))
      t = int(torch.select(targets, 0, j))
      for i in range(torch.len(arrays)):
        _0 = torch.copy_(torch.slice(torch.select(arrays[i], 0, t), 1, 0, n), torch.slice(torch.select(former[i], 0, s), 1, 0, n))
    return length
