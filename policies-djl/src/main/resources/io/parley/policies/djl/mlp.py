class M(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  def bag(self: __torch__.M, table: Tensor, ids: Tensor, offsets: Tensor) -> Tensor:
    z, _0, _1, _2, = torch.embedding_bag(table, ids, offsets, False, 0, False, None, False)
    return z
  def trunk(self: __torch__.M, z: Tensor, w: List[Tensor]) -> Tensor:
    x = z
    for i in range((torch.len(w) - 3) // 2):
      x = torch.linear(torch.@ACTIVATION@(torch.add(x, w[2 * i])), w[2 * i + 1])
    return x
  def head(self: __torch__.M, a: Tensor, given: Tensor, w: List[Tensor]) -> Tensor:
    n = torch.len(w)
    x = torch.view(torch.matmul(torch.flatten(given, 0, 1), w[n - 3]), [torch.size(given, 0), torch.size(a, 0), torch.size(a, 1)])
    h = torch.@ACTIVATION@(torch.add_(x, a))
    return torch.baddbmm(w[n - 1], h, w[n - 2])
  def position(self: __torch__.M, a: Tensor, given: Tensor, t: Tensor, w: List[Tensor]) -> Tensor:
    n = torch.len(w)
    h = torch.@ACTIVATION@(torch.add_(torch.matmul(given, w[n - 3]), a))
    i = int(t)
    return torch.addmm(torch.select(w[n - 1], 0, i), h, torch.select(w[n - 2], 0, i))
  def score(self: __torch__.M, a: Tensor, given: Tensor, chosen: Tensor, mask: Tensor, uniform: Tensor, epsilon: Tensor, w: List[Tensor]) -> List[Tensor]:
    out = (self).head(a, given, w)
    k = torch.size(out, 2) - 1
    every = torch.log_softmax(torch.add(torch.slice(out, 2, 0, k), mask), -1)
    lp = torch.gather(every, 2, chosen)
    e = float(epsilon)
    if torch.gt(e, 0.):
      u = torch.gather(torch.expand_as(uniform, every), 2, chosen)
      lp = torch.log(torch.add(torch.mul(torch.exp(lp), 1. - e), torch.mul(u, e)))
    else:
      pass
    value = torch.select(out, 2, k)
    return [torch.transpose(torch.squeeze(lp, 2), 0, 1), torch.transpose(value, 0, 1), every]
  def entropy(self: __torch__.M, every: Tensor) -> Tensor:
    return torch.transpose(torch.neg(torch.sum(torch.mul(torch.exp(every), every), [2])), 0, 1)
  def smooth(self: __torch__.M, every: Tensor, uniform: Tensor, epsilon: Tensor) -> Tensor:
    e = float(epsilon)
    p = torch.add(torch.mul(torch.exp(every), 1. - e), torch.mul(uniform, e))
    return torch.log(torch.clamp_min(p, 1e-38))
  def divergence(self: __torch__.M, every: Tensor, target: Tensor) -> Tensor:
    return torch.transpose(torch.sum(torch.mul(torch.exp(every), torch.sub(every, target)), [2]), 0, 1)
