locals {
  logarithm = log(8, 2)
  strings = {
    chomp      = chomp("a\n\n")
    format     = format("%s-%03d-%5.1f-%t-%v-%q", "a", 7, 1.25, true, [1, "x"], "q")
    formatlist = formatlist("%s/%s", ["a", "b"], "c")
    indent     = indent(2, "a\nb")
    join       = join(",", ["a", "b"], ["c"])
    lower      = lower("ÀB")
    regex      = regex("^(?P<ns>[^:]+):(?P<sa>.+)$", "a:b:c")
    regexall   = regexall("[a-z]", "a1b2")
    replace    = replace("https://oidc/id/1", "/^https:\\/\\//", "")
    split      = split(":", "a:b:")
    strrev     = strrev("abc")
    substr     = substr("hello", 1, -1)
    title      = title("hello world")
    trim       = trim("?!a?", "!?")
    trimprefix = trimprefix("https://x", "https://")
    trimspace  = trimspace("\t a ")
    trimsuffix = trimsuffix("a.b.", ".")
    starts     = startswith("abc", "ab")
    ends       = endswith("abc", "ab")
    contains   = strcontains("abc", "b")
  }
  numbers = {
    abs      = abs(-1.5)
    ceil     = ceil(1.1)
    floor    = floor(-1.1)
    max      = max([1, 3, 2]...)
    min      = min(1, 3)
    parseint = parseint("ff", 16)
    pow      = pow(2, 10)
    signum   = signum(-3)
    third    = 1 / 4
    modulo   = -7 % 3
  }
  collections = {
    alltrue      = alltrue([true, "true"])
    anytrue      = anytrue([])
    chunklist    = chunklist(["a", "b", "c"], 2)
    coalesce     = coalesce("", null, "b")
    coalescelist = coalescelist([], ["b"])
    compact      = compact(["a", "", null, "b"])
    concat       = concat(["a"], [], ["b"])
    contains     = contains(["a"], "a")
    distinct     = distinct(["b", "a", "b"])
    element      = element(["a", "b"], 3)
    flatten      = flatten([["a", ["b"]], [], "c"])
    index        = index(["a", "b"], "b")
    keys         = keys({ b = 1, a = 2 })
    length       = [length("é"), length([1]), length({ a = 1 })]
    lookup       = lookup({ a = "b" }, "c", "d")
    matchkeys    = matchkeys(["a", "b"], ["x", "y"], ["y"])
    merge        = merge({ a = 1, b = 2 }, { b = 3 })
    one          = one(["a"])
    range        = range(1, 8, 3)
    reverse      = reverse(["a", "b"])
    setintersect = setintersection(["a", "b"], ["b"])
    setproduct   = setproduct(["a", "b"], ["c"])
    setsubtract  = setsubtract(["a", "b"], ["b"])
    setunion     = setunion(["b"], ["a"])
    slice        = slice(["a", "b", "c"], 1, 3)
    sort         = sort(["b", "a"])
    sum          = sum([1, 2.5])
    transpose    = transpose({ a = ["x", "y"], b = ["x"] })
    values       = values({ b = 1, a = 2 })
    zipmap       = zipmap(["a", "b"], [1, 2])
  }
  encoding = {
    base64      = [base64encode("hé"), base64decode("aGk=")]
    csv         = csvdecode("a,b\n1,2\n")
    json        = jsondecode("{\"a\": [1, null, true], \"b\": {}}")
    json_text   = jsonencode({ b = [1, "x", null, true], a = "<&>" })
    url         = urlencode("a b/c")
    yaml        = yamldecode("a: [1, x]\nb:\n  c: true\n")
    yaml_text   = yamlencode({ b = "x", a = [1] })
    md5         = md5("a")
    sha1        = sha1("a")
    sha256      = sha256("a")
    sha512      = sha512("a")
    base64sha   = base64sha256("a")
    uuid5       = uuidv5("dns", "example.com")
    from_yaml   = jsonencode(yamldecode("- a\n- b: 1\n"))
    from_base64 = jsondecode(base64decode(base64encode(jsonencode({ a = 1 }))))
  }
  conversions = {
    bool   = tobool("true")
    list   = tolist(toset(["b", "a"]))
    map    = tomap({ a = 1, b = "x" })
    number = tonumber("1.50")
    set    = toset(["b", "a", "b"])
    string = [tostring(1.0), tostring(true)]
    can    = [can(regex("[", "x")), can("a")]
    try    = try({}.a, [][0], "c")
  }
  networks = {
    host    = cidrhost("10.0.0.0/16", 5)
    netmask = cidrnetmask("10.0.0.0/12")
    subnet  = cidrsubnet("10.0.0.0/16", 8, 2)
    subnets = cidrsubnets("10.0.0.0/16", 4, 8)
  }
  dates = {
    added  = timeadd("2024-01-31T00:00:00Z", "24h")
    format = formatdate("YYYY-MM-DD'T'hh:mm", "2024-02-03T04:05:06Z")
  }
}
