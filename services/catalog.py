"""The catalog: the five services of the shop, and everything that they promise."""

from services.customer_profile.monitoring import CUSTOMER_PROFILE
from services.lightspeed_bigquery.monitoring import LIGHTSPEED_BIGQUERY
from services.si_recommendations.monitoring import SI_RECOMMENDATIONS
from services.teams import COMMERCE, DATA, STOREFRONT
from services.video_commerce.monitoring import VIDEO_COMMERCE
from services.voice_commerce.monitoring import VOICE_COMMERCE
from tocsin import Catalog

CATALOG = Catalog(
    services=(LIGHTSPEED_BIGQUERY, CUSTOMER_PROFILE, SI_RECOMMENDATIONS, VOICE_COMMERCE, VIDEO_COMMERCE),
    teams=(DATA, COMMERCE, STOREFRONT),
    runbooks="https://runbooks.tocsin.example",
    heartbeat="https://heartbeat.tocsin.example/shop",
)
