  # A pretrained decoder. Arrays w of the trunk, in the precision of products but for the embedding, where that is trained: the
  # embedding [outputs, hidden]; for each layer, from b on,
  #   b       gain of the norm before attention [hidden]
  #   b + 1   query, key and value below each other [(heads + 2 groups) * head, hidden]; b + 2 their bias
  #   b + 3   gains of the norms of queries and b + 4 of keys [head]
  #   b + 5   output [hidden, heads * head]; b + 6 its bias
  #   b + 7   gain of the norm before the SwiGLU block [hidden]
  #   b + 8   gate and up below each other [2 intermediate, hidden]; b + 9 their bias
  #   b + 10  down [hidden, intermediate]; b + 11 its bias
  # the gain of the last norm and the output layer; for each layer, from `at` on, its adapters A [rank, inputs] and s B
  # [outputs, rank]:
  #   at      of query, key and value
  #   at + 2  of output
  #   at + 4  of gate and up
  #   at + 6  of down
  # and whether to drop out. What a model does not have is an empty array.

  # x as a factor of a product, in the precision that was configured.
  def product(self: __torch__.M, x: Tensor) -> Tensor:
    return @product@
  # RMSNorm over the last dimension, in float32 but for the gain: x [..., width], gain [width], perWidth = 1 / width.
  def norm(self: __torch__.M, x: Tensor, gain: Tensor, perWidth: float) -> Tensor:
    y = torch.to(x, 6)
    n = torch.linalg_vector_norm(y, 2, [-1], True)
    r = torch.rsqrt(torch.add(torch.mul(torch.mul(n, n), perWidth), @epsilon@))
    return torch.mul((self).product(torch.mul(y, r)), gain)
  # x [n, heads, head], of which entry i and entry i + head / 2 are a pair, turned by cos and sin [n, 1, head / 2].
  def rotate(self: __torch__.M, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    a = torch.slice(x, 2, 0, @halfHead@)
    b = torch.slice(x, 2, @halfHead@, @head@)
    return torch.cat([torch.sub(torch.mul(a, cos), torch.mul(b, sin)), torch.add(torch.mul(b, cos), torch.mul(a, sin))], 2)
  # cos and sin [n, 1, head / 2] of positions, int64 [n], out of table [positions, head / 2, 2].
  def turns(self: __torch__.M, table: Tensor, positions: Tensor) -> List[Tensor]:
    t = torch.unsqueeze((self).product(torch.index_select(table, 0, positions)), 1)
    return [torch.select(t, 3, 0), torch.select(t, 3, 1)]
  # The twelve arrays of a layer, of its tensors t in the order of the checkpoint.
  def packLayer(self: __torch__.M, t: List[Tensor]) -> List[Tensor]:
    none = torch.zeros([0])
    return [(self).product(t[0]), @qkvWeight@, @qkvBias@, @queryNorm@, @keyNorm@, @outputWeight@, @outputBias@,
        (self).product(t[@mlpNorm@]), @gateUpWeight@, @gateUpBias@, @downWeight@, @downBias@]
  # The eight arrays of a layer's adapters, of A [rank, inputs] and B [outputs, rank] of its seven maps, empty where a map has
  # none. The adapters of joined maps are one: their A below each other, and their B on the diagonal of [sum of outputs, sum of
  # ranks].
  def packAdapters(self: __torch__.M, t: List[Tensor]) -> List[Tensor]:
    begins = [0, 3, 4, 6, 7]
    outputs = @outputs@
    packed = annotate(List[Tensor], [])
    for g in range(4):
      rank = 0
      for p in range(begins[g], begins[g + 1]):
        rank = rank + torch.size(t[2 * p], 0)
      a = annotate(List[Tensor], [])
      b = annotate(List[Tensor], [])
      at = 0
      for p in range(begins[g], begins[g + 1]):
        r = torch.size(t[2 * p], 0)
        if r > 0:
          _0 = torch.append(a, (self).product(t[2 * p]))
          _1 = torch.append(b, torch.constant_pad_nd((self).product(torch.mul(t[2 * p + 1], @scaling@)), [at, rank - at - r]))
        else:
          _2 = torch.append(b, (self).product(torch.zeros([outputs[p], rank])))
        at = at + r
      if rank > 0:
        _3 = torch.append(packed, torch.cat(a, 0))
        _4 = torch.append(packed, torch.cat(b, 0))
      else:
        _5 = torch.append(packed, torch.zeros([0]))
        _6 = torch.append(packed, torch.zeros([0]))
    return packed
  # x under another handle: an array can stand in one argument of a call only.
  def same(self: __torch__.M, x: Tensor) -> Tensor:
    return x
  # x in the precision of products.
  def cast(self: __torch__.M, x: Tensor) -> Tensor:
    return (self).product(x)
  # x W^T + bias + dropout(x) A^T (s B)^T, [n, inputs] to [n, outputs]: W at b, its bias behind it, A at `at` and s B behind it.
  # Maps that read one input are one here, so that they drop the same numbers of it.
  def map(self: __torch__.M, x: Tensor, w: List[Tensor], b: int, at: int) -> Tensor:
    if torch.size(w[b + 1], 0) > 0:
      y = torch.linear(x, w[b], w[b + 1])
    else:
      y = torch.linear(x, w[b])
    if torch.size(w[at], 0) > 0:
      if @dropout@ > 0.:
        x = torch.dropout(x, @dropout@, bool(w[@mode@]))
      else:
        pass
      y = torch.addmm(y, torch.linear(x, w[at]), torch.t(w[at + 1]))
    else:
      pass
    return y
  # Queries [n, heads, head], keys and values [n, groups, head] of layer i, for its normalised input y [n, hidden]; turned.
  def project(self: __torch__.M, y: Tensor, turn: List[Tensor], w: List[Tensor], i: int) -> List[Tensor]:
    b = 1 + i * @layerArrays@
    parts = torch.split_with_sizes((self).map(y, w, b + 1, @adapters@ + i * @adapterArrays@),
        [(@heads@ + @groups@) * @head@, @groups@ * @head@], 1)
    x = torch.view(parts[0], [-1, @heads@ + @groups@, @head@])
    qk = torch.split_with_sizes((self).rotate(@normed@, turn[0], turn[1]), [@heads@, @groups@], 1)
    return [qk[0], qk[1], torch.view(parts[1], [-1, @groups@, @head@])]
  # What follows attention in layer i, both residuals included: x [n, hidden] is what the layer reads, a [n, heads * head] what
  # attention gave.
  def output(self: __torch__.M, x: Tensor, a: Tensor, w: List[Tensor], i: int) -> Tensor:
    b = 1 + i * @layerArrays@
    at = @adapters@ + i * @adapterArrays@
    x = torch.add(x, (self).map(a, w, b + 5, at + 2))
    y = (self).norm(x, w[b + 7], @perHidden@)
    z = torch.split_with_sizes((self).map(y, w, b + 8, at + 4), [@intermediate@, @intermediate@], 1)
    return torch.add(x, (self).map(torch.mul(torch.silu(z[0]), z[1]), w, b + 10, at + 6))
  # Masked scores, float32 [B, groups, repeat, R, K], of q [B, R, heads, head] and k [B, K, groups, head]: repeat heads read one
  # group of keys.
  def weigh(self: __torch__.M, q: Tensor, k: Tensor, mask: Tensor) -> Tensor:
    B = torch.size(q, 0)
    R = torch.size(q, 1)
    q = torch.reshape(torch.transpose(q, 1, 2), [B, @groups@, -1, @head@])
    s = torch.to(torch.matmul(q, torch.permute(k, [0, 2, 3, 1])), 6)
    return torch.add(mask, torch.view(s, [B, @groups@, @repeat@, R, -1]), alpha=@scale@)
  # Values v [B, K, groups, head] weighted by a [B, groups, repeat, R, K]: [B * R, heads, head].
  def read(self: __torch__.M, a: Tensor, v: Tensor) -> Tensor:
    B = torch.size(a, 0)
    R = torch.size(a, 3)
    a = torch.reshape((self).product(a), [B, @groups@, @repeat@ * R, -1])
    o = torch.view(torch.matmul(a, torch.transpose(v, 1, 2)), [B, @heads@, R, @head@])
    return torch.reshape(torch.transpose(o, 1, 2), [B * R, @heads@, @head@])
  # Attention, [B * R, heads * head].
  def attend(self: __torch__.M, q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    return torch.flatten((self).read(torch.softmax((self).weigh(q, k, mask), -1), v), 1)
  # Attention of suffixes to their group's prefix, which is not copied for each row, and to themselves, as if it were one: two
  # softmaxes, weighted by the shares of their normalisers, sigmoid(lp - ls). q [B, R, heads, head], ks, vs [B, R, groups, head];
  # kp, vp [G, P, groups, head], where each of the G prefixes has as many rows, one after the other. Answers [B * R, heads *
  # head].
  def attendApart(self: __torch__.M, q: Tensor, kp: Tensor, vp: Tensor, mp: Tensor, ks: Tensor, vs: Tensor, ms: Tensor) -> Tensor:
    sp = (self).weigh(torch.view(q, [torch.size(kp, 0), -1, @heads@, @head@]), kp, mp)
    lp = torch.logsumexp(sp, [-1], True)
    op = (self).read(torch.exp(torch.sub(sp, lp)), vp)
    ss = (self).weigh(q, ks, ms)
    ls = torch.logsumexp(ss, [-1], True)
    os = (self).read(torch.exp(torch.sub(ss, ls)), vs)
    lp = torch.reshape(torch.permute(lp, [0, 3, 1, 2, 4]), [-1, @heads@, 1])
    ls = torch.reshape(torch.permute(ls, [0, 3, 1, 2, 4]), [-1, @heads@, 1])
    share = (self).product(torch.sigmoid(torch.sub(lp, ls)))
    return torch.flatten(torch.add(os, torch.mul(share, torch.sub(op, os))), 1)
  # For the queries of prefixes [P, P]; then for those of suffixes, at positions q [B, R]: where they attend to prefixes apart [G,
  # 1, 1, rows * R, P] and [R, R], else [B, 1, 1, R, P + R].
  def masks(self: __torch__.M, G: int, P: int, q: Tensor, lengths: Tensor, apart: bool, window: int) -> List[Tensor]:
    at = torch.arange(P)
    R = torch.size(q, 1)
    m = [(self).mask(torch.unsqueeze(at, 1), at, window)]
    k = (self).prefixPositions(P, lengths)
    if apart:
      across = (self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(k, 1), window)
      _0 = torch.append(m, torch.view(across, [G, 1, 1, -1, P]))
      within = torch.arange(R)
      _1 = torch.append(m, (self).mask(torch.unsqueeze(within, 1), within, window))
    else:
      k = torch.cat([torch.repeat(k, [torch.floordiv(torch.size(q, 0), torch.size(k, 0)), 1]), q], 1)
      _2 = torch.append(m,
          torch.unsqueeze(torch.unsqueeze((self).mask(torch.unsqueeze(q, 2), torch.unsqueeze(k, 1), window), 1), 1))
    return m
  # Embeddings [G * P + B * R, hidden]: prefixes first, as everywhere.
  def embed(self: __torch__.M, w: List[Tensor], prefix: Tensor, suffix: Tensor) -> Tensor:
    return (self).product(torch.embedding(w[0], torch.cat([torch.flatten(prefix), torch.flatten(suffix)], 0)))
  # Layers span[0] to span[1] - 1, on hidden states x [G * P + B * R, hidden]. prefix, int64 [G, P], holds what rows share,
  # suffix, int64 [B, R], the rest of each row; of both the sizes are read here. group, int64 [B], says whose prefix a row has,
  # empty for its own; lengths how much of it; rows is empty where suffixes stand in the order of the rows, and they attend to
  # prefixes apart where it is not. Behind the last layer, which computes nothing but keys and values of prefixes, x is [B * R,
  # hidden].
  def layers(self: __torch__.M, w: List[Tensor], table: Tensor, x: Tensor, span: Tensor, prefix: Tensor, suffix: Tensor,
      group: Tensor, lengths: Tensor, rows: Tensor) -> Tensor:
    G = torch.size(prefix, 0)
    P = torch.size(prefix, 1)
    B = torch.size(suffix, 0)
    R = torch.size(suffix, 1)
    sizes = [G * P, B * R]
    at = torch.add((self).starts(P, B, lengths), torch.arange(R))
    ps = torch.flatten(at)
    turn = (self).turns(table, torch.cat([torch.repeat(torch.arange(P), [G]), ps], 0))
    apart = torch.size(rows, 0) > 0
    everything = (self).masks(G, P, at, lengths, apart, 0)
    if @window@ > 0:
      window = (self).masks(G, P, at, lengths, apart, @window@)
    else:
      window = everything
    for i in range(int(torch.select(span, 0, 0)), int(torch.select(span, 0, 1))):
      y = (self).project((self).norm(x, w[1 + i * @layerArrays@], @perHidden@), turn, w, i)
      qs = torch.split_with_sizes(y[0], sizes)
      ks = torch.split_with_sizes(y[1], sizes)
      vs = torch.split_with_sizes(y[2], sizes)
      kp = torch.view(ks[0], [G, P, @groups@, @head@])
      vp = torch.view(vs[0], [G, P, @groups@, @head@])
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      out = annotate(List[Tensor], [])
      if i == @layers@ - 1:
        x = torch.split_with_sizes(x, sizes)[1]
      else:
        _0 = torch.append(out, (self).attend(torch.view(qs[0], [G, P, @heads@, @head@]), kp, vp, m[0]))
      q1 = torch.view(qs[1], [B, R, @heads@, @head@])
      k1 = torch.view(ks[1], [B, R, @groups@, @head@])
      v1 = torch.view(vs[1], [B, R, @groups@, @head@])
      if apart:
        _1 = torch.append(out, (self).attendApart(q1, kp, vp, m[1], k1, v1, m[2]))
      else:
        if torch.size(group, 0) > 0:
          kp = torch.index_select(kp, 0, group)
          vp = torch.index_select(vp, 0, group)
        else:
          pass
        _1 = torch.append(out, (self).attend(q1, torch.cat([kp, k1], 1), torch.cat([vp, v1], 1), m[1]))
      x = (self).output(x, torch.cat(out, 0), w, i)
    return x
  # Normalised hidden states in float32, [rows * R, hidden], in the order of the rows: rows, int64, picks them out of the slots of
  # x.
  def last(self: __torch__.M, w: List[Tensor], x: Tensor, suffix: Tensor, rows: Tensor) -> Tensor:
    if torch.size(rows, 0) > 0:
      x = torch.flatten(torch.index_select(torch.view(x, [-1, torch.size(suffix, 1), @hidden@]), 0, rows), 0, 1)
    else:
      pass
    return torch.to((self).norm(x, w[1 + @layers@ * @layerArrays@], @perHidden@), 6)
  # Log-distributions [rows, columns, outputs] of hidden states h [rows * columns, hidden]. No token is forbidden here: bias is
  # not read.
  def logDistribution(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor, columns: Tensor) -> Tensor:
    logits = torch.to(torch.linear((self).product(h), head), 6)
    return torch.log_softmax(torch.view(logits, [-1, int(columns), @vocabulary@]), -1)
  # What a change of logits along ascent [n, outputs] is in hidden states, [n, hidden].
  def slope(self: __torch__.M, ascent: Tensor, head: Tensor) -> Tensor:
    return torch.to(torch.matmul((self).product(ascent), head), 6)
  # Log-probabilities of target, int64 [rows, columns], entropies where asked for, and the divergence from each of others but the
  # first, which stands for nothing; each [rows, columns]. h and others are hidden states [rows * columns, hidden], head and heads
  # their output layers, smoothings scalars. 128 positions at a time, so that no whole distributions are held: gradients reach h
  # by hand, as the value v plus (h - d) times its slope, where d is h without gradient. With p = exp(lp) the slopes in the logits
  # are one-hot(t) - p of lp[t], -p (lp + e) of the entropy e, and p (lp - q - v) of the divergence v from q.
  def scored(self: __torch__.M, h: Tensor, head: Tensor, target: Tensor, uniform: Tensor, learnt: Tensor, entropy: Tensor,
      others: List[Tensor], heads: List[Tensor], smoothings: List[Tensor]) -> List[Tensor]:
    d = torch.detach(h)
    id = torch.flatten(target)
    kinds = 2 + torch.len(others) - 1
    values = annotate(List[List[Tensor]], [])
    slopes = annotate(List[List[Tensor]], [])
    for kind in range(kinds):
      _0 = torch.append(values, annotate(List[Tensor], []))
      _1 = torch.append(slopes, annotate(List[Tensor], []))
    for c in range(torch.floordiv(torch.size(h, 0) + 127, 128)):
      t = torch.slice(id, 0, c * 128, (c + 1) * 128)
      lp = torch.log_softmax(torch.to(torch.linear((self).product(torch.slice(d, 0, c * 128, (c + 1) * 128)), head), 6), -1)
      p = torch.exp(lp)
      _2 = torch.append(values[0], torch.squeeze(torch.gather(lp, 1, torch.unsqueeze(t, 1)), 1))
      if bool(learnt):
        _3 = torch.append(slopes[0], torch.sub(torch.to(torch.embedding(head, t), 6), (self).slope(p, head)))
      else:
        pass
      if bool(entropy):
        e = torch.neg(torch.sum(torch.mul(p, lp), [1]))
        _4 = torch.append(values[1], e)
        if bool(learnt):
          _5 = torch.append(slopes[1], (self).slope(torch.neg(torch.mul(p, torch.add(lp, torch.unsqueeze(e, 1)))), head))
        else:
          pass
      else:
        pass
      for o in range(1, torch.len(others)):
        y = (self).product(torch.slice(others[o], 0, c * 128, (c + 1) * 128))
        q = torch.log_softmax(torch.to(torch.linear(y, heads[o]), 6), -1)
        s = float(smoothings[o])
        if s > 0.:
          q = torch.log(torch.clamp_min(torch.add(torch.mul(torch.exp(q), 1. - s), torch.mul(uniform, s)), 1e-38))
        else:
          pass
        ratio = torch.sub(lp, q)
        v = torch.sum(torch.mul(p, ratio), [1])
        _6 = torch.append(values[1 + o], v)
        if bool(learnt):
          _7 = torch.append(slopes[1 + o], (self).slope(torch.mul(p, torch.sub(ratio, torch.unsqueeze(v, 1))), head))
        else:
          pass
    result = annotate(List[Tensor], [])
    for kind in range(kinds):
      if kind != 1 or bool(entropy):
        v = torch.cat(values[kind], 0)
        if bool(learnt):
          v = torch.add(v, torch.sum(torch.mul(torch.sub(h, d), torch.cat(slopes[kind], 0)), [1]))
        else:
          pass
        _8 = torch.append(result, torch.view(v, torch.size(target)))
      else:
        pass
    return result
  # float32 [B, outputs]; bias is not read.
  def logits(self: __torch__.M, h: Tensor, head: Tensor, bias: Tensor) -> Tensor:
    return torch.to(torch.linear((self).product(h), head), 6)
  # Writes keys and values of prefixes from position start on, int64 [G, N], into the caches ck and cv [G, groups, capacity,
  # head], one a layer; what stands there before start is read. An array behind those of ck, [G, 1, capacity, hidden], takes what
  # the first layer with adapters reads.
  def prefill(self: __torch__.M, w: List[Tensor], table: Tensor, prefix: Tensor, start: Tensor, ck: List[Tensor],
      cv: List[Tensor]) -> Tensor:
    G = torch.size(prefix, 0)
    N = torch.size(prefix, 1)
    S = int(start)
    x = (self).product(torch.embedding(w[0], torch.flatten(prefix)))
    turn = (self).turns(table, torch.repeat(torch.arange(S, S + N), [G]))
    q = torch.unsqueeze(torch.arange(S, S + N), 1)
    k = torch.arange(S + N)
    everything = (self).mask(q, k, 0)
    window = (self).mask(q, k, @window@)
    for i in range(@layers@):
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      if i == @firstTrained@ and torch.len(ck) > @layers@:
        _2 = torch.copy_(torch.slice(ck[@layers@], 2, S, S + N), torch.view(x, [G, 1, N, @hidden@]))
      else:
        pass
      y = (self).project((self).norm(x, w[1 + i * @layerArrays@], @perHidden@), turn, w, i)
      k = torch.view(y[1], [G, N, @groups@, @head@])
      v = torch.view(y[2], [G, N, @groups@, @head@])
      _0 = torch.copy_(torch.slice(ck[i], 2, S, S + N), torch.transpose(k, 1, 2))
      _1 = torch.copy_(torch.slice(cv[i], 2, S, S + N), torch.transpose(v, 1, 2))
      if i < @layers@ - 1:
        q = torch.view(y[0], [G, N, @heads@, @head@])
        if S > 0:
          k = torch.transpose(torch.slice(ck[i], 2, 0, S + N), 1, 2)
          v = torch.transpose(torch.slice(cv[i], 2, 0, S + N), 1, 2)
        else:
          pass
        x = (self).output(x, (self).attend(q, k, v, m), w, i)
      else:
        pass
    return start
  # One step of sampling: normalised hidden states, float32 [B, hidden], of token, int64 [B]. where is P, at which suffixes begin
  # in the caches, and t, the step; keys and values are written at P + t, and what the first layer with adapters reads in the
  # array behind those of ck.
  def decode(self: __torch__.M, w: List[Tensor], table: Tensor, token: Tensor, where: Tensor, lengths: Tensor, ck: List[Tensor],
      cv: List[Tensor]) -> Tensor:
    B = torch.size(token, 0)
    P = int(torch.select(where, 0, 0))
    t = int(torch.select(where, 0, 1))
    x = (self).product(torch.embedding(w[0], token))
    start = (self).starts(P, B, lengths)
    at = torch.add(start, t)
    turn = (self).turns(table, torch.flatten(at))
    k = (self).prefixPositions(P, lengths)
    behind = torch.add(start, torch.arange(torch.size(ck[0], 2) - P))
    k = torch.cat([torch.repeat(k, [torch.floordiv(B, torch.size(k, 0)), 1]), behind], 1)
    everything = torch.view((self).mask(at, k, 0), [B, 1, 1, -1])
    window = torch.view((self).mask(at, k, @window@), [B, 1, 1, -1])
    for i in range(@layers@):
      if i == @firstTrained@ and torch.len(ck) > @layers@:
        _2 = torch.copy_(torch.select(ck[@layers@], 2, P + t), torch.unsqueeze(x, 1))
      else:
        pass
      y = (self).project((self).norm(x, w[1 + i * @layerArrays@], @perHidden@), turn, w, i)
      _0 = torch.copy_(torch.select(ck[i], 2, P + t), y[1])
      _1 = torch.copy_(torch.select(cv[i], 2, P + t), y[2])
      if i < @firstWindowed@:
        m = everything
      else:
        m = window
      s = torch.to(torch.matmul(torch.reshape(y[0], [B, @groups@, @repeat@, @head@]), torch.transpose(ck[i], 2, 3)), 6)
      a = (self).product(torch.softmax(torch.add(m, s, alpha=@scale@), -1))
      x = (self).output(x, torch.reshape(torch.matmul(a, cv[i]), [B, @heads@ * @head@]), w, i)
    return torch.to((self).norm(x, w[1 + @layers@ * @layerArrays@], @perHidden@), 6)
  # An empty cache of four sizes, in the precision of products.
  def cache(self: __torch__.M, shape: List[Tensor]) -> Tensor:
    return (self).product(torch.zeros([int(shape[0]), int(shape[1]), int(shape[2]), int(shape[3])]))
  # Weights as they are kept: bits is float32, or two bytes a number, bfloat16 where bfloat says so and float16 elsewhere.
  def weight(self: __torch__.M, bits: Tensor, bfloat: Tensor) -> Tensor:
    if bool(bfloat):
      x = torch.view_copy(bits, dtype=15)
    else:
      x = torch.clone(bits)
    return torch.to(x, @stored@)
  # Room for hidden states of so many tokens; the first is 0.
  def newStates(self: __torch__.M, rows: Tensor) -> Tensor:
    x = torch.empty([int(rows), @hidden@], dtype=@stored@)
    return torch.zero_(x)
  # Writes the given rows of x [..., hidden] to rows `to` of states.
  def keepStates(self: __torch__.M, states: Tensor, to: Tensor, x: Tensor, rows: Tensor) -> Tensor:
    return torch.index_copy_(states, 0, to, torch.index_select(torch.reshape(x, [-1, @hidden@]), 0, rows))
  # Rows of states, [n, hidden].
  def takeStates(self: __torch__.M, states: Tensor, rows: Tensor) -> Tensor:
    return torch.index_select(states, 0, rows)
