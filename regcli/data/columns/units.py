"""What people write before or after a number: currencies, units, words of quantity."""

CURRENCY_SIGNS = "$€£¥₹₽₩₺₫₪₱฿₴₦¢₿₡₲₵₸₮"

_CODES_OF_CURRENCIES = """
usd eur gbp chf jpy cny rmb inr aud cad nzd sek nok dkk isk pln czk huf ron bgn try rub uah brl mxn
ars clp cop pen zar ngn kes egp ils aed sar qar krw twd hkd sgd myr thb idr php vnd pkr bdt lkr btc
eth us$ r$ a$ c$ hk$ nz$ nt$ s$ rs rs. re kr kr. zł kč ft lei лв fr fr. sfr. tl rp rm
"""

CURRENCIES = frozenset(_CODES_OF_CURRENCIES.split())
"""Codes and abbreviations, folded to lower case."""

_UNITS = """
m mm cm dm km µm um nm in inch inches ft foot feet yd yard yards mi mile miles nmi
g mg µg ug kg t ton tons tonne tonnes lb lbs oz ct carat gram grams kilo kilos pound pounds
l ml cl dl hl µl ul gal gallon gallons liter liters litre litres cc pint pints cup cups
s ms µs us ns sec secs second seconds min mins minute minutes h hr hrs hour hours d day days
w wk wks week weeks mo mos month months mth mths y yr yrs year years
m2 m3 cm2 cm3 km2 mm2 ft2 sqft sqm sqmi ha acre acres hectare hectares
°c °f ° °n °s °e °w c f k deg degc degf degree degrees celsius fahrenheit kelvin
w kw mw gw wh kwh mwh hp ps bhp v mv kv a ma ah mah ω ohm ohms kω hz khz mhz ghz
pa kpa hpa mpa bar mbar psi mmhg atm n nm kn j kj mj cal kcal lm lx lux db dba rad rpm
km/h kmh kph mph m/s ft/s kt kts knots mpg km/l kmpl bpm fps kbps mbps gbps
mg/dl g/dl g/l mg/l µg/l ug/l ng/ml mmol mmol/l µmol/l mol mol/l iu iu/l u/l meq/l
ppm ppb pct percent pts pt px mp pcs pc x people persons units items
b kb mb gb tb pb kib mib gib tib bit bits byte bytes
k m mn mio bn b mrd thousand million millions billion billions trillion lakh lakhs crore
dollar dollars euro euros cents pence rupees rupee yen yuan
"""
_UNITS_OF_TWO_WORDS = {"per cent", "sq ft", "sq m", "sq km", "mm hg", "us dollars", "fl oz", "° c"}

UNITS = frozenset(_UNITS.split()) | CURRENCIES | _UNITS_OF_TWO_WORDS
"""Units and words of quantity, folded to lower case."""
